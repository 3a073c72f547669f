// CAF's build options as this project sets them: logging compiled out, exceptions on, no extra
// run-time checks, no actor profiler (each of the last two changes the layout of CAF's classes, so
// users must see the same file).

#pragma once

#include "caf/detail/log_level.hpp"

#define CAF_LOG_LEVEL CAF_LOG_LEVEL_QUIET

#define CAF_ENABLE_EXCEPTIONS
