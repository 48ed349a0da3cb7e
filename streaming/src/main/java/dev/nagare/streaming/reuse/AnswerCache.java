package dev.nagare.streaming.reuse;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers of one model by what was asked, as many as fit into so many bytes; which ones stay is
 * Caffeine's to say: those that are asked for often and lately.
 *
 * <p>They are of one <em>edition</em>: of what answers now. As soon as other weights answer, all of
 * them are forgotten at once. Safe for any thread.
 */
public final class AnswerCache {
  /** Below it nothing of use fits. */
  public static final long LEAST_BYTES = 1 << 16;

  /** A part in so many is for what requests under way ask. */
  private static final int UNDER_WAY = 8;

  // What an entry takes beyond the bytes of what was asked and of the outputs, on a JVM with
  // compressed references, as the object layouts add up; strings are those of the model.
  private static final long BYTES_OF_ENTRY = 320;
  private static final long BYTES_OF_TENSOR = 160;
  private static final long BYTES_OF_PARAMETER = 100;

  private final long mostBytes;
  private final Supplier<?> edition;
  private final UnderWay underWay;
  private volatile Answers current;

  /**
   * With nothing in it.
   *
   * @param mostBytes of all that it holds, {@value #LEAST_BYTES} or more
   * @param edition what answers now: another object as soon as other weights do, and never the same
   *     again after that
   */
  public AnswerCache(long mostBytes, Supplier<?> edition) {
    if (mostBytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "cache: expected at least " + LEAST_BYTES + " bytes, got " + mostBytes);
    }
    this.underWay = new UnderWay(mostBytes / UNDER_WAY);
    this.mostBytes = mostBytes - mostBytes / UNDER_WAY;
    this.edition = edition;
    this.current = new Answers(edition.get(), this.mostBytes);
  }

  /** The answers of what answers now. */
  @SuppressWarnings("ReferenceEquality") // the same object, or other weights
  Answers now() {
    Answers answers = current;
    return answers.of == edition.get() ? answers : renewed();
  }

  @SuppressWarnings("ReferenceEquality")
  private synchronized Answers renewed() {
    Object of = edition.get();
    if (current.of != of) {
      current = new Answers(of, mostBytes);
    }
    return current;
  }

  /** What waits for its answer, to be kept. */
  UnderWay underWay() {
    return underWay;
  }

  /** What an entry counts. */
  static long bytes(Asked asked, InferenceResponse answer) {
    long bytes = BYTES_OF_ENTRY + asked.size() + answer.parameters().size() * BYTES_OF_PARAMETER;
    for (InferenceResponse.Output output : answer.outputs()) {
      bytes += BYTES_OF_TENSOR + output.data().length;
    }
    return bytes;
  }

  /** Those of one edition. */
  static final class Answers {
    private final Object of;
    private final long mostBytes;
    private final Cache<Asked, InferenceResponse> kept;

    private Answers(Object of, long mostBytes) {
      this.of = of;
      this.mostBytes = mostBytes;
      this.kept =
          Caffeine.newBuilder()
              .maximumWeight(mostBytes)
              .<Asked, InferenceResponse>weigher((asked, answer) -> (int) bytes(asked, answer))
              .executor(Runnable::run) // what goes, goes at once: the bound is kept
              .build();
    }

    @Nullable InferenceResponse find(Asked asked) {
      return kept.getIfPresent(asked);
    }

    void put(Asked asked, InferenceResponse answer) {
      if (bytes(asked, answer) <= Math.min(mostBytes, Integer.MAX_VALUE)) {
        kept.put(asked, answer);
      }
    }

    /** Bytes of what is kept, for tests. */
    long bytesKept() {
      kept.cleanUp();
      return kept.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
  }
}
