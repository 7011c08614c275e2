/** What is to be done when the person signs out or another one signs in. */
export const farewells = new Set<() => void>();
