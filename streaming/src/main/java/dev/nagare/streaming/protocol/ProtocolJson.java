package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The protocol's JSON, for every door: numbers go straight from the text into pooled memory.
 *
 * <p>Members that the protocol does not know are passed over. Safe for any thread.
 */
public final class ProtocolJson {
  /** Deeper than any tensor; far from what would exhaust a stack. */
  private static final int MAX_DEPTH = 32;

  private static final int MAX_STRING = 1 << 16;

  /** What Jackson says of the text that it does not show. */
  private static final String NO_SOURCE =
      "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); ";

  static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_STRING)
                  .maxNameLength(MAX_STRING)
                  .build())
          // NaN and Infinity are no JSON, but deserve a better answer than "unexpected character".
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final MemoryPool requests;

  /**
   * Creates a codec.
   *
   * @param requests where the tensors of decoded requests live
   */
  public ProtocolJson(MemoryPool requests) {
    this.requests = requests;
  }

  /**
   * Decodes an inference request.
   *
   * @return the caller's, to be closed
   * @throws ProtocolException status 400 that says what was expected and what was got, and where;
   *     429 if the memory for requests is in use by others; 413 if it can never be enough
   */
  public InferenceRequest decode(byte[] json) {
    return decode(json, RequestReader.Addressee.ANY);
  }

  /**
   * Decodes a record of a model's topic: an inference request that may name its model, in a member
   * or parameter {@code model_name}, and whose label may have an integer datatype.
   *
   * @param model that the topic belongs to
   * @param label name of the input that may be of whole numbers; null if there is none
   * @return the caller's, to be closed
   * @throws ProtocolException as {@link #decode(byte[])}, or 404 if another model is named
   */
  public InferenceRequest decode(byte[] json, String model, @Nullable String label) {
    return decode(json, new RequestReader.Addressee(model, label));
  }

  /**
   * Decodes an inference request with the form that its answer is to have.
   *
   * @param json all of the message, or the part before its tensors
   * @param tensors the rest of a message of the binary tensor extension; null if it is none
   * @throws ProtocolException as {@link #decode(byte[])}
   */
  public InferenceCall decode(byte[] json, @Nullable Payload tensors) {
    return decode(json, tensors, RequestReader.Addressee.ANY);
  }

  /**
   * Decodes a raw request: nothing but the bytes of a model's one input, one row of it.
   *
   * @param model whose input it is
   * @throws ProtocolException as {@link #decode(byte[])}
   */
  public InferenceCall decodeRaw(ModelMetadata model, Payload body) {
    PooledMemory memory = open(body.remaining());
    InferenceRequest request = null;
    try {
      TensorData input = RawRequest.read(model, body, memory);
      request = new InferenceRequest(null, Map.of(), List.of(input), List.of(), memory);
      return new InferenceCall(request, AnswerForm.BINARY);
    } finally {
      if (request == null) {
        memory.release();
      }
    }
  }

  /**
   * Makes a request of what a door computed itself: pictures, texts.
   *
   * @param output the one output wanted
   * @param bytes that the tensors take at most, each of them aligned
   * @param tensors makes them in the memory given
   * @return the caller's, to be closed
   * @throws ProtocolException 429 if the memory for requests is in use by others; 413 if it can
   *     never be enough
   */
  public InferenceRequest made(
      String output, long bytes, Function<Memory, Map<String, Tensor>> tensors) {
    PooledMemory memory = open(bytes);
    InferenceRequest request = null;
    try {
      List<TensorData> inputs = new ArrayList<>();
      tensors.apply(memory).forEach((name, tensor) -> inputs.add(new TensorData(name, tensor)));
      request = new InferenceRequest(null, Map.of(), inputs, List.of(output), memory);
      return request;
    } finally {
      if (request == null) {
        memory.release();
      }
    }
  }

  private InferenceRequest decode(byte[] json, RequestReader.Addressee addressee) {
    return decode(json, null, addressee).request();
  }

  private InferenceCall decode(
      byte[] json, @Nullable Payload tensors, RequestReader.Addressee addressee) {
    requireUtf8(json);
    long bytes = RequestReader.bytesAtMost(json) + (tensors == null ? 0 : tensors.remaining());
    PooledMemory memory = open(bytes);
    InferenceCall request = null;
    try (JsonParser parser = JSON.createParser(json)) {
      var from = new RequestSource(parser, json, tensors, memory, addressee);
      request = new RequestReader(from).read();
      return request;
    } catch (JsonProcessingException e) {
      throw malformed(where(e.getLocation()), e.getOriginalMessage());
    } catch (IOException e) {
      throw malformed("", String.valueOf(e.getMessage()));
    } finally {
      if (request == null) {
        memory.release();
      }
    }
  }

  /** Encodes an answer, all of it as JSON. */
  public byte[] encode(InferenceResponse response) {
    return write(new AnswerWriter(response, AnswerForm.JSON)::write);
  }

  /**
   * Encodes an answer as its caller wants it.
   *
   * @throws ProtocolException status 400 if an output has no such form
   */
  public EncodedAnswer encode(InferenceResponse response, AnswerForm form) {
    var writer = new AnswerWriter(response, form);
    byte[] json = write(writer::write);
    return new EncodedAnswer(json, writer.tensors());
  }

  /**
   * Encodes the id and the inputs of a request, as they are read by {@link #decode(byte[])} again.
   *
   * @throws ProtocolException status 400 for a number that JSON does not have
   */
  byte[] encode(InferenceRequest request) {
    return write(out -> RequestWriter.write(out, request));
  }

  /** Encodes a model's description. */
  public byte[] encode(ModelMetadata metadata) {
    return write(
        out -> {
          out.writeStringField("name", metadata.name());
          out.writeArrayFieldStart("versions");
          for (String version : metadata.versions()) {
            out.writeString(version);
          }
          out.writeEndArray();
          out.writeStringField("platform", metadata.platform());
          writeTensors(out, "inputs", metadata.inputs());
          writeTensors(out, "outputs", metadata.outputs());
        });
  }

  /** Encodes a refusal: {@code {"error": …}}. */
  public byte[] encodeError(String message) {
    return write(out -> out.writeStringField("error", message));
  }

  /** Jackson would read UTF-16 and UTF-32 as well, but not say where in the bytes it is. */
  private static void requireUtf8(byte[] json) {
    if (json.length > 1 && (json[0] == 0 || json[1] == 0 || (json[0] & 0xff) >= 0xfe)) {
      throw malformed("", "expected UTF-8");
    }
  }

  /** Memory for the tensors of one request. */
  PooledMemory open(long bytes) {
    try {
      return requests.open(bytes);
    } catch (TensorException e) {
      if (e.kind() == TensorException.Kind.OUT_OF_BUDGET) {
        throw ProtocolException.busy("the memory for requests is in use; try again later", 0);
      }
      throw new ProtocolException(413, "request: at most 1 GiB of tensors, got " + bytes);
    }
  }

  private static String where(@Nullable JsonLocation at) {
    return at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
  }

  private static ProtocolException malformed(String where, String what) {
    return ProtocolException.malformed(where + what.replace(NO_SOURCE, ""));
  }

  private static void writeTensors(
      JsonGenerator out, String field, List<ModelMetadata.TensorMetadata> tensors)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (ModelMetadata.TensorMetadata tensor : tensors) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("datatype", tensor.datatype());
      writeShape(out, tensor.shape());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  static void writeShape(JsonGenerator out, List<Long> shape) throws IOException {
    out.writeArrayFieldStart("shape");
    for (long size : shape) {
      out.writeNumber(size);
    }
    out.writeEndArray();
  }

  /** An object as bytes. */
  static byte[] write(Members members) {
    BufferRecycler buffers = JSON._getBufferRecycler();
    try (var bytes = new ByteArrayBuilder(buffers)) {
      try (JsonGenerator out = JSON.createGenerator(bytes)) {
        out.writeStartObject();
        members.write(out);
        out.writeEndObject();
      }
      return bytes.getClearAndRelease();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // bytes go to memory, which has no input or output errors
    } finally {
      buffers.releaseToPool();
    }
  }

  /** Writes the members of an object. */
  interface Members {
    void write(JsonGenerator out) throws IOException;
  }
}
