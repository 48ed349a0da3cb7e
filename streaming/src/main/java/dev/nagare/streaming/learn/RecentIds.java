package dev.nagare.streaming.learn;

import dev.nagare.streaming.checkpoint.Sha256;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The ids of the last calls, so that a client that tries again gets the answer to its first try
 * instead of a second record. The newest {@value #MOST} are known, to this process alone: after a
 * restart, or at another process, a repeated id is a new event.
 *
 * <p>Safe for any thread.
 */
final class RecentIds {
  static final int MOST = 10_000;

  /** Characters of an id, lest those that are remembered take the heap. */
  private static final int LONGEST = 256;

  private final Map<String, Call> calls =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Call> eldest) {
          return size() > MOST;
        }
      }; // guarded by this

  private record Call(String hash, CompletableFuture<InferenceResponse> answer) {}

  /**
   * The answer to the first call of an id, made now if this is it. A call that failed is forgotten:
   * the next one of its id is a first one.
   *
   * @param value what the call says
   * @throws ProtocolException 409 if an earlier call of the id said something else
   */
  CompletableFuture<InferenceResponse> once(
      String id, byte[] value, Supplier<CompletableFuture<InferenceResponse>> first) {
    if (id.length() > LONGEST) {
      throw new ProtocolException(
          400, "id: expected at most " + LONGEST + " characters, got " + id.length());
    }
    String hash = Sha256.hex(Sha256.of(value));
    var answer = new CompletableFuture<InferenceResponse>();
    synchronized (this) {
      Call known = calls.putIfAbsent(id, new Call(hash, answer));
      if (known != null) {
        if (!known.hash.equals(hash)) {
          throw new ProtocolException(
              409, "id " + id + " was another event's; expected a new id for each event");
        }
        return known.answer.copy();
      }
    }
    var _ =
        first
            .get()
            .whenComplete(
                (response, failure) -> {
                  if (failure == null) {
                    answer.complete(response);
                  } else {
                    forget(id);
                    answer.completeExceptionally(failure);
                  }
                });
    return answer;
  }

  private synchronized void forget(String id) {
    calls.remove(id);
  }
}
