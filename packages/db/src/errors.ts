/** The database, embedded or configured, cannot be used; the message names the setting and the reason. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}
