package dev.nagare.server.grpc.call;

import dev.nagare.server.security.Principal;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.function.Consumer;

/**
 * Who came through the gate with a call, and what its messages may take. For the event loop of the
 * doors, but for the room.
 */
public final class Visitor {
  /** Bytes before a message, which count as well: whether it is compressed, and its length. */
  public static final int PREFIX = 5;

  private final Principal caller;
  private final int maxMessageBytes;
  private final String reason;
  private final ByteBudget budget;
  private final ByteBudget.Share room;
  private Consumer<ProtocolException> whenRefused = refusal -> {};

  /**
   * A visitor with nothing yet.
   *
   * @param maxMessageBytes of each message, before and after it is decompressed
   * @param reason of that limit, for people
   */
  public Visitor(Principal caller, int maxMessageBytes, String reason, ByteBudget budget) {
    this.caller = caller;
    this.maxMessageBytes = maxMessageBytes;
    this.reason = reason;
    this.budget = budget;
    this.room = budget.share("grpc");
  }

  /** Who calls. */
  Principal caller() {
    return caller;
  }

  /** Most bytes of a message. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** The refusal of a message beyond the limit. */
  public ProtocolException tooLarge(String got) {
    return new ProtocolException(
        413,
        "expected a message of at most " + maxMessageBytes + " bytes (" + reason + "), got " + got);
  }

  /** What {@link #room} draws from. */
  public ByteBudget budget() {
    return budget;
  }

  /** The bytes of the call that are inside the process. */
  public ByteBudget.Share room() {
    return room;
  }

  /** Whom to tell that nothing more of the call is read. */
  public void whenRefused(Consumer<ProtocolException> told) {
    whenRefused = told;
  }

  /** Nothing more of the call is read. */
  public void refuse(ProtocolException why) {
    room.close();
    whenRefused.accept(why);
  }
}
