package dev.nagare.server.http;

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

/**
 * A file of a page, held in memory and served with a strict content policy.
 *
 * @param content bytes
 * @param type media type
 * @param tag that tells whether a browser has it already
 */
public record StaticAsset(Buffer content, String type, String tag) {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /** Serves a resource of the class path under a path. */
  public static void serve(Router router, String path, String resource, String type) {
    byte[] content = resource(resource);
    String tag = "\"" + HexFormat.of().formatHex(sha256(content), 0, 8) + "\"";
    var asset = new StaticAsset(Buffer.buffer(content), type, tag);
    Route.get(router, path, asset::answer);
  }

  /** Where the files of a webjar are. */
  public static String webjar(String group, String name) {
    String properties = "META-INF/maven/" + group + "/" + name + "/pom.properties";
    try (InputStream in = open(properties)) {
      var read = new Properties();
      read.load(in);
      return "META-INF/resources/webjars/" + name + "/" + read.getProperty("version") + "/";
    } catch (IOException e) {
      throw new UncheckedIOException(properties + " cannot be read", e);
    }
  }

  private void answer(RoutingContext context) {
    HttpServerResponse response =
        context
            .response()
            .putHeader("Content-Security-Policy", POLICY)
            .putHeader("Referrer-Policy", "no-referrer")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache") // asks each time; the tag answers
            .putHeader(HttpHeaders.ETAG, tag);
    if (tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
      response.setStatusCode(304).end();
    } else {
      response.putHeader(HttpHeaders.CONTENT_TYPE, type).end(content);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = StaticAsset.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException(name + " is not on the class path; build again");
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
