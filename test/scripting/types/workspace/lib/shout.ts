// Imported by a name of its own.
export const shout = (text: string): string => `${text}!`;
