package dev.nagare.server.grpc;

import dev.nagare.server.grpc.call.ServiceNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends bodies over HTTP/2 that no client of gRPC would send. */
final class RawClient {
  private final HttpClient client;
  private final int port;

  RawClient(Vertx vertx, int port) {
    this.port = port;
    client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  /** Ends its connection, and what is under way there. */
  void close() {
    GrpcDoors.await(client.close());
  }

  /** What came back; the status may stand in the headers or after the body. */
  record Answer(
      int http,
      @Nullable String status,
      @Nullable String message,
      @Nullable String pushback,
      Buffer body) {}

  /** A message with its five bytes before it. */
  static Buffer frame(int flags, byte[] message) {
    return Buffer.buffer().appendByte((byte) flags).appendInt(message.length).appendBytes(message);
  }

  /** Sends a body to a method of the protocol's service; headers are names and values in turn. */
  Answer send(String method, Buffer body, String... headers) throws Exception {
    return sendTo("/" + ServiceNames.INFERENCE + "/" + method, body, headers);
  }

  /** A call of the protocol's service that is still to be sent, and whose answer nobody reads. */
  HttpClientRequest open(String method, String... headers) {
    HttpClientRequest request =
        GrpcDoors.await(
            client
                .request(
                    HttpMethod.POST, port, "127.0.0.1", "/" + ServiceNames.INFERENCE + "/" + method)
                // On the event loop: later it may have come already.
                .onSuccess(made -> made.response().onSuccess(HttpClientResponse::pause)));
    begin(request, headers);
    return request.setChunked(true);
  }

  private static void begin(HttpClientRequest request, String... headers) {
    request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
    for (int i = 0; i < headers.length; i += 2) {
      request.putHeader(headers[i], headers[i + 1]);
    }
  }

  /** Sends a body to a path. */
  Answer sendTo(String path, Buffer body, String... headers) throws Exception {
    Future<Answer> answer =
        client
            .request(HttpMethod.POST, port, "127.0.0.1", path)
            .compose(
                request -> {
                  begin(request, headers);
                  // On the event loop: set later, the handlers may miss an answer that is quick.
                  return request
                      .send(body)
                      .compose(response -> response.body().map(bytes -> answer(response, bytes)));
                });
    return answer.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    MultiMap last =
        response.headers().contains("grpc-status") ? response.headers() : response.trailers();
    return new Answer(
        response.statusCode(),
        last.get("grpc-status"),
        last.get("grpc-message"),
        last.get("grpc-retry-pushback-ms"),
        body);
  }
}
