// Symbol visibility of CAF's openssl module: nothing to mark, the library is linked statically.

#pragma once

#define CAF_OPENSSL_EXPORT
