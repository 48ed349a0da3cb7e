package dev.nagare.server.http;

import dev.nagare.server.processing.Medium;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.netty.util.IllegalReferenceCountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a form, {@code multipart/form-data}, that is in memory already: one part {@code image}, or
 * parts {@code text}. Parts of other names are passed over.
 */
final class FormReader {
  private static final int MOST_PARTS = 128;

  private FormReader() {}

  static Medium read(String type, byte[] bytes) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, "/", Unpooled.wrappedBuffer(bytes));
    request.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    HttpPostMultipartRequestDecoder decoder = null;
    try {
      decoder =
          new HttpPostMultipartRequestDecoder(
              new DefaultHttpDataFactory(false),
              request,
              StandardCharsets.UTF_8,
              MOST_PARTS,
              bytes.length + 1);
      return medium(decoder.getBodyHttpDatas());
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is in files
    } catch (IllegalReferenceCountException e) {
      throw new IllegalStateException(e);
    } catch (RuntimeException e) { // the decoder's ways to say that it is none
      throw new ProtocolException(
          400, "body: expected a form (multipart/form-data), got none: " + e.getMessage());
    } finally {
      if (decoder != null) {
        decoder.destroy();
      }
      request.release();
    }
  }

  private static Medium medium(List<InterfaceHttpData> parts) throws IOException {
    List<byte[]> images = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (InterfaceHttpData part : parts) {
      if (part instanceof HttpData data && data.isCompleted()) {
        if (part.getName().equals("image")) {
          images.add(data.get());
        } else if (part.getName().equals("text")) {
          texts.add(data.getString(StandardCharsets.UTF_8));
        }
      }
    }
    if (images.size() == 1 && texts.isEmpty()) {
      return new Medium.Image(images.getFirst());
    }
    if (images.isEmpty() && !texts.isEmpty()) {
      return new Medium.Texts(texts, false);
    }
    throw new ProtocolException(
        400,
        "form: expected one field image, or fields text, got %d and %d"
            .formatted(images.size(), texts.size()));
  }
}
