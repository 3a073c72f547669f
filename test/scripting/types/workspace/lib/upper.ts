// Imported by a name that begins with a folder's.
export const upper = (text: string): string => text.toUpperCase();
