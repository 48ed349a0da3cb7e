package dev.nagare.server.http;

import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.ByteBudget;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What callers may have on the heap: one budget for all that they send and are answered, and of it
 * a share for the answers of each connection, whatever is spoken there.
 *
 * <p>For the event loop of the doors, but for the budget.
 */
public final class CallerMemory {
  private static final AttributeKey<AnswerShare> SHARE =
      AttributeKey.valueOf(CallerMemory.class, "share");

  private final ByteBudget budget;
  private final long connectionAnswerBytes;
  private final Runnable refused;

  /**
   * With nothing taken.
   *
   * @param budget of all
   * @param connectionAnswerBytes most of it that the answers of a connection may take
   * @param metrics told of answers that a connection had no room for
   */
  public CallerMemory(ByteBudget budget, long connectionAnswerBytes, Metrics metrics) {
    this.budget = budget;
    this.connectionAnswerBytes = connectionAnswerBytes;
    this.refused = metrics::overShare;
  }

  /** Of all. */
  public ByteBudget budget() {
    return budget;
  }

  /** What the answers of a connection may take: the same for all that is asked there. */
  public AnswerShare share(HttpConnection connection) {
    Attribute<AnswerShare> kept = ((ConnectionBase) connection).channel().attr(SHARE);
    AnswerShare share = kept.get();
    if (share == null) {
      share = new AnswerShare(budget, connectionAnswerBytes, refused);
      kept.set(share);
    }
    return share;
  }
}
