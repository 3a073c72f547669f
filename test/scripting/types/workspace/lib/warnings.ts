// A library that imports nothing.
export const warnings = ["-Wall"];
