package dev.nagare.streaming.checkpoint;

/**
 * The name of a blob: {@code <model>-<step>-<next offset>-<producer id>-<epoch>}. No two writers
 * ever share one, and one writer never uses one twice.
 *
 * @param model the model's name
 * @param step of the learner
 * @param nextOffset next to learn
 * @param lease the writer's producer id and epoch
 */
record CheckpointName(String model, long step, long nextOffset, String lease) {

  /**
   * Takes a name apart.
   *
   * @throws IllegalArgumentException if it is not a checkpoint's
   */
  static CheckpointName parse(String name) {
    String[] parts = name.split("-");
    int n = parts.length;
    if (n < 5) {
      throw new IllegalArgumentException(name + " is not a checkpoint's name");
    }
    String model = name.substring(0, name.length() - tail(parts));
    return new CheckpointName(
        model,
        Long.parseLong(parts[n - 4]),
        Long.parseLong(parts[n - 3]),
        parts[n - 2] + "-" + parts[n - 1]);
  }

  private static int tail(String[] parts) {
    int length = 0;
    for (int i = parts.length - 4; i < parts.length; i++) {
      length += 1 + parts[i].length();
    }
    return length;
  }

  @Override
  public String toString() {
    return model + "-" + step + "-" + nextOffset + "-" + lease;
  }
}
