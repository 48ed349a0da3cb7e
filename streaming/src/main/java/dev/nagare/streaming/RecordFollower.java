package dev.nagare.streaming;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Follows the records of topics, for traces. Safe for any thread. */
public interface RecordFollower {
  /** Follows none. */
  RecordFollower NONE =
      new RecordFollower() {
        @Override
        public boolean follows() {
          return false;
        }

        @Override
        public @Nullable Journey follow(
            String model, String topic, long offset, Function<String, @Nullable String> headers) {
          return null;
        }
      };

  /** Whether any is followed; if not, nobody makes anything ready for it. */
  boolean follows();

  /**
   * A record was read.
   *
   * @param headers a header's text by its name; null for none
   * @return told of its way; null if this one is not followed
   */
  @Nullable Journey follow(
      String model, String topic, long offset, Function<String, @Nullable String> headers);
}
