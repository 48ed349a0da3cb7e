package dev.nagare.server.http;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/**
 * How bodies are read: each up to a limit, all of them together within a budget.
 *
 * @param maxBytes of a body, before and after it is decompressed
 * @param memory that they, and what they are answered, draw from
 */
public record Bodies(int maxBytes, CallerMemory memory) {

  /** Of all that is inside the process. */
  ByteBudget budget() {
    return memory.budget();
  }

  /** The same with another limit for each. */
  Bodies atMost(int bytes) {
    return new Bodies(bytes, memory);
  }

  /**
   * Reads a call's body and gives it to one of the two. Its bytes count until it is closed, at the
   * latest until the call ends.
   */
  void read(
      RoutingContext context, Consumer<RequestBody> accept, Consumer<ProtocolException> refuse) {
    ByteBudget.Share room = budget().share("http");
    // Also called when the connection is closed.
    context.addEndHandler(ignored -> room.close());
    BodyReader.read(context.request(), this, room, accept, refuse);
  }
}
