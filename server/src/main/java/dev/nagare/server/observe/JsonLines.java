package dev.nagare.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.event.KeyValuePair;

/**
 * The log for machines: an object a line, with {@code time} (ISO 8601, UTC), {@code level}, {@code
 * logger}, {@code thread}, {@code message}, the fields of the event beside them, and {@code error}
 * with the stack trace. Logback's own encoder nests the fields in a list, which collectors do not
 * look into.
 */
public final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NOTHING = {};

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var line = new ByteArrayOutputStream(256);
    try (JsonGenerator out = JSON.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", event.getInstant().toString());
      out.writeStringField("level", event.getLevel().toString());
      out.writeStringField("logger", event.getLoggerName());
      out.writeStringField("thread", event.getThreadName());
      out.writeStringField("message", event.getFormattedMessage());
      if (event.getKeyValuePairs() != null) {
        for (KeyValuePair field : event.getKeyValuePairs()) {
          write(out, field);
        }
      }
      IThrowableProxy thrown = event.getThrowableProxy();
      if (thrown != null) {
        out.writeStringField("error", ThrowableProxyUtil.asString(thrown));
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("log: a line in memory cannot be written", e);
    }
    line.write('\n');
    return line.toByteArray();
  }

  private static void write(JsonGenerator out, KeyValuePair field) throws IOException {
    switch (field.value) {
      case Integer number -> out.writeNumberField(field.key, number);
      case Long number -> out.writeNumberField(field.key, number);
      case Double number -> out.writeNumberField(field.key, number);
      case null, default -> out.writeStringField(field.key, String.valueOf(field.value));
    }
  }
}
