// Symbol visibility of CAF's io module: nothing to mark, the library is linked statically.

#pragma once

#define CAF_IO_EXPORT
