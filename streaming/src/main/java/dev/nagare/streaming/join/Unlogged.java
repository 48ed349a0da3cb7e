package dev.nagare.streaming.join;

import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletionException;

/** What a caller is told whose record the log did not take. */
public final class Unlogged {
  private static final long RETRY_MILLIS = 1_000;

  private Unlogged() {}

  /** The refusal behind a failure of {@link LogAppender#append}. */
  public static ProtocolException refusal(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return switch (cause) {
      case ProtocolException known -> known;
      case LogAppender.BusyException busy ->
          ProtocolException.busy(String.valueOf(busy.getMessage()), RETRY_MILLIS);
      case IllegalArgumentException large ->
          new ProtocolException(413, String.valueOf(large.getMessage()));
      case null, default ->
          new ProtocolException(
              503,
              (cause == null ? "the log failed" : cause.getMessage())
                  + "; whether the log has it is not known, and sent again it may be there twice");
    };
  }
}
