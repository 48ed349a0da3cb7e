package dev.nagare.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LoadCommandTest {
  private static final String METADATA =
      """
      {"name":"pulse","platform":"x","inputs":[{"name":"window","datatype":"FP32","shape":[-1,4,2]}],"outputs":[]}
      """;

  @Test
  void theWarmUpIsSentAndNotCounted() throws Exception {
    var infers = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/v2/models/pulse",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          if (exchange.getRequestURI().getPath().endsWith("/infer")) {
            infers.incrementAndGet();
          }
          byte[] answer = METADATA.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try {
      var out = new StringWriter();
      int exitCode =
          new CommandLine(new LoadCommand())
              .setOut(new PrintWriter(out))
              .execute(
                  "--url",
                  "http://127.0.0.1:" + server.getAddress().getPort(),
                  "--rate",
                  "100",
                  "--duration",
                  "0.2",
                  "--warm-up",
                  "0.1");
      assertThat(exitCode).isZero();
      assertThat(infers).hasValue(30);
      assertThat(out.toString()).containsPattern("20 in all").containsPattern("200 +20\\b");
    } finally {
      server.stop(0);
    }
  }
}
