package dev.nagare.server.config;

/**
 * How the log is written.
 *
 * @param format of a line
 * @param requests part of the answered inferences that get a line, from 0 to 1
 */
public record LoggingConfig(Format format, double requests) {
  private static final Key FORMAT =
      Key.of(
          "format",
          "`text`: calm lines for people; `json`: an object a line, with fields, for machines");
  private static final Key REQUESTS =
      Key.of(
              "requests",
              "part of the answered inference requests that get a line, with model, version and ids:"
                  + " detail against speed. Failures of the server always get one")
          .within("a number from 0 to 1");

  /** Of a line. */
  public enum Format {
    TEXT,
    JSON
  }

  static LoggingConfig read(Section in) {
    Format format = in.choice(FORMAT, Format.TEXT);
    double requests = in.decimal(REQUESTS, 0, 0, true);
    if (requests > 1) {
      in.fault(REQUESTS, "expected a number from 0 to 1, got " + requests);
    }
    in.end();
    return new LoggingConfig(format, Math.min(requests, 1));
  }
}
