// Imported from a package that this one depends on.
export const twice = (text: string): string => text + text;
