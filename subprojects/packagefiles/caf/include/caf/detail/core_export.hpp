// Symbol visibility of CAF's core module: nothing to mark, the library is linked statically.

#pragma once

#define CAF_CORE_EXPORT
