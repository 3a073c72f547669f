// Greetings in many languages.
#pragma once

// The word for "hello" in a language ("en", "fr", ..), or NULL when it is not known.
const char* greeting(const char* language);
