package dev.nagare.loadtest.bench.serve.peer;

import java.io.IOException;

/** Answers with the body of the request: {@code HttpEcho PORT}. */
public final class HttpEcho {
  private HttpEcho() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    Bare.serve(
        Integer.parseInt(args[0]),
        vertx -> request -> request.bodyHandler(body -> request.response().end(body)));
  }
}
