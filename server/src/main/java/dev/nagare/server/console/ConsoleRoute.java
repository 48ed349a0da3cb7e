package dev.nagare.server.console;

import dev.nagare.server.http.Route;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Properties;

/** {@code GET /}: the live page and its files, held in memory, with a strict content policy. */
public final class ConsoleRoute implements Route {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final String WEBJAR = "META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private record Asset(Buffer content, String type, String tag) {}

  @Override
  public void mount(Router router) {
    String uplot = "META-INF/resources/webjars/uplot/" + uplotVersion() + "/dist/";
    String here = ConsoleRoute.class.getPackageName().replace('.', '/') + "/";
    serve(router, "/", here + "index.html", "text/html; charset=utf-8");
    serve(router, "/console.css", here + "console.css", "text/css; charset=utf-8");
    serve(router, "/console.js", here + "console.js", "text/javascript; charset=utf-8");
    serve(router, "/favicon.svg", here + "favicon.svg", "image/svg+xml");
    serve(router, "/uplot.css", uplot + "uPlot.min.css", "text/css; charset=utf-8");
    serve(router, "/uplot.js", uplot + "uPlot.iife.min.js", "text/javascript; charset=utf-8");
  }

  private static void serve(Router router, String path, String resource, String type) {
    byte[] content = resource(resource);
    String tag = "\"" + HexFormat.of().formatHex(sha256(content), 0, 8) + "\"";
    var asset = new Asset(Buffer.buffer(content), type, tag);
    Route.get(router, path, context -> answer(context, asset));
  }

  private static void answer(RoutingContext context, Asset asset) {
    HttpServerResponse response =
        context
            .response()
            .putHeader("Content-Security-Policy", POLICY)
            .putHeader("Referrer-Policy", "no-referrer")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache") // asks each time; the tag answers
            .putHeader(HttpHeaders.ETAG, asset.tag);
    if (asset.tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type).end(asset.content);
    }
  }

  private static String uplotVersion() {
    try (InputStream in = open(WEBJAR)) {
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("console: " + WEBJAR + " cannot be read", e);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("console: " + name + " cannot be read", e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = ConsoleRoute.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException(
          "console: " + name + " is not on the class path; build again");
    }
    return in;
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
