package dev.nagare.server.clients;

import static org.awaitility.Awaitility.await;

import dev.nagare.server.Server;
import dev.nagare.server.SmallModel;
import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A whole server with the model {@code small} of version 1, {@code y = relu(x)}, F32 [N, 3]. */
final class Stock implements AutoCloseable {
  /** 1, -2, 3, as every transcript sends them; {@code small} makes 1, 0, 3 of them. */
  static final byte[] TENSOR = floats(1, -2, 3);

  final Server server;

  private Stock(Server server) {
    this.server = server;
  }

  /** Starts it; returns when the model is ready. */
  static Stock start(Path folder) throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), folder.resolve("models")));
    Server server = Server.start(NagareConfig.read(config, Map.of()));
    var ready = URI.create("http://127.0.0.1:" + server.port() + "/v2/models/small/ready");
    try (HttpClient client = HttpClient.newHttpClient()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  client
                          .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.discarding())
                          .statusCode()
                      == 200);
    }
    return new Stock(server);
  }

  /** A client's connection over HTTP. */
  Replay connect() throws Exception {
    return new Replay(server.port());
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
    server.close();
  }
}
