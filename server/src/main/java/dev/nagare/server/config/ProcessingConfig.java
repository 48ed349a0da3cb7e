package dev.nagare.server.config;

/**
 * The section {@code processing}: pictures and texts before they are requests.
 *
 * @param threads that decode, resize and cut into pieces
 * @param queue calls that wait for one
 * @param mostPixels of a picture, width times height
 * @param mostTexts of a call
 * @param mostCharacters of a text, as Java counts them
 */
public record ProcessingConfig(
    int threads, int queue, long mostPixels, int mostTexts, int mostCharacters) {
  private static final Key THREADS =
      Key.of(
              "threads",
              "threads that decode and resize pictures and cut texts into pieces. Together"
                  + " they take at most a quarter of the heap for what was sent and a quarter for"
                  + " pixels (1 to 8 bytes each); a picture that needs more than that is 413")
          .usually("half of the processors, at most 8");
  private static final Key QUEUE =
      Key.of(
              "queue",
              "calls with pictures or texts that wait for one of them, with bodies of at most"
                  + " an eighth of the heap; what comes beyond is refused with 429")
          .in("calls");
  private static final Key MAX_PIXELS =
      Key.of(
              "max-pixels",
              "largest picture, width times height, looked at before anything is decoded;"
                  + " more is 413")
          .in("pixels");
  private static final Key MAX_TEXTS = Key.of("max-texts", "most texts in one call; more is 413");
  private static final Key MAX_TEXT_CHARACTERS =
      Key.of(
              "max-text-characters",
              "longest text; more is 413. What a model does not read of it is cut off:"
                  + " `max-length` of its [`model.yaml`](configuration.md#modelyaml)")
          .in("characters");
  private static final int MOST_PIXELS = 1 << 24;

  static ProcessingConfig read(Section in) {
    int half = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 8);
    var config =
        new ProcessingConfig(
            in.integer(THREADS, half, 1, 256),
            in.integer(QUEUE, 64, 1, 65_536),
            in.integer(MAX_PIXELS, MOST_PIXELS, 1, MOST_PIXELS),
            in.integer(MAX_TEXTS, 32, 1, 1024),
            in.integer(MAX_TEXT_CHARACTERS, 65_536, 1, 1 << 24));
    in.end();
    return config;
  }
}
