/** What links, addresses and cookies of tests are signed with; there is no second one. */
export const SECRET_KEYS = "test:0123456789abcdef0123456789abcdef";
