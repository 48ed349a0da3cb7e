package dev.nagare.server.config;

import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.reuse.AnswerCache;

/**
 * The keys {@code cache-bytes} and {@code coalesce} of a model, of the repository or one that
 * learns.
 */
final class ReuseSection {
  static final Key CACHE =
      Key.of(
              "cache-bytes",
              "most memory for answers that are given again to whoever asks the same of the same"
                  + " version; of models of the repository each version has so much, which counts"
                  + " in `memory-limit-bytes`. [Answers that are"
                  + " known](batching.md#answers-that-are-known)")
          .in("bytes")
          .usually("0: nothing is remembered");

  static final Key COALESCE =
      Key.of(
          "coalesce",
          "`true`: callers who ask the same while it is computed wait for that answer."
              + " [Answers that are shared](batching.md#answers-that-are-shared)");

  private ReuseSection() {}

  static Reuse read(Section in) {
    return new Reuse(cacheBytes(in), in.flag(COALESCE, false));
  }

  private static long cacheBytes(Section in) {
    long bytes = in.integer(CACHE, 0L, 0, Long.MAX_VALUE);
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (bytes != 0 && bytes < AnswerCache.LEAST_BYTES) {
      in.fault(CACHE, "expected 0, or at least " + AnswerCache.LEAST_BYTES + ", got " + bytes);
    } else if (bytes > most) {
      in.fault(
          CACHE, "expected at most half of the heap, which is " + most + " bytes, got " + bytes);
    }
    return bytes;
  }
}
