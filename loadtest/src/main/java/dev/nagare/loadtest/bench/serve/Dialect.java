package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.loadtest.bench.serve.wire.Call;
import dev.nagare.loadtest.bench.serve.wire.Transport;
import dev.nagare.loadtest.onnx.ProtoMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;

/** The ways to ask the same thing. Requests look like those of the stock clients. */
enum Dialect {
  /** HTTP with tensors as bytes, both ways. */
  BINARY {
    @Override
    Call ask(int port, String model, List<Tensor> inputs, String headers) {
      String tensors =
          inputs.stream()
              .map(
                  input ->
                      describe(input)
                          + ",\"parameters\":{\"binary_data_size\":"
                          + input.bytes().length
                          + "}}")
              .collect(Collectors.joining(","));
      byte[] json =
          ("{\"inputs\":[" + tensors + "],\"parameters\":{\"binary_data_output\":true}}")
              .getBytes(UTF_8);
      var body = new ByteArrayOutputStream();
      body.writeBytes(json);
      inputs.forEach(input -> body.writeBytes(input.bytes()));
      return post(
          port,
          "/v2/models/" + model + "/infer",
          "Inference-Header-Content-Length: " + json.length + "\r\n" + headers,
          body.toByteArray());
    }
  },

  /** HTTP with tensors as JSON, both ways. */
  JSON {
    @Override
    Call ask(int port, String model, List<Tensor> inputs, String headers) {
      String tensors =
          inputs.stream()
              .map(input -> describe(input) + ",\"data\":[" + input.text() + "]}")
              .collect(Collectors.joining(","));
      return post(
          port,
          "/v2/models/" + model + "/infer",
          headers,
          ("{\"inputs\":[" + tensors + "]}").getBytes(UTF_8));
    }
  },

  /** gRPC with raw tensors, both ways. */
  GRPC {
    @Override
    Call ask(int port, String model, List<Tensor> inputs, String headers) throws IOException {
      var message = new ProtoMessage().text(1, model);
      for (Tensor input : inputs) {
        var tensor = new ProtoMessage().text(1, input.name()).text(2, input.datatype());
        for (long size : input.shape()) {
          tensor.number(3, size);
        }
        message.message(5, tensor);
      }
      for (Tensor input : inputs) {
        message.bytes(7, input.bytes());
      }
      var bytes = new ByteArrayOutputStream();
      message.writeTo(bytes);
      // Not compressed, and the length: the frame of gRPC.
      ByteBuffer framed = ByteBuffer.allocate(5 + bytes.size());
      return new Call(framed.put((byte) 0).putInt(bytes.size()).put(bytes.toByteArray()).array());
    }

    @Override
    Transport transport(int connections) {
      return Transport.grpc("/inference.GRPCInferenceService/ModelInfer");
    }

    @Override
    int port(Subject subject) {
      return subject.grpcPort();
    }
  };

  /**
   * A request.
   *
   * @param headers further ones, each with its line end; empty for none. gRPC has none
   */
  abstract Call ask(int port, String model, List<Tensor> inputs, String headers) throws IOException;

  /** How such requests travel. */
  Transport transport(int connections) {
    return Transport.http(connections);
  }

  /** Where such requests go. */
  int port(Subject subject) {
    return subject.port();
  }

  /** A POST with nothing but what it needs. */
  static Call post(int port, String path, String headers, byte[] body) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + port
                + "\r\nContent-Length: "
                + body.length
                + "\r\n"
                + headers
                + "\r\n")
            .getBytes(UTF_8));
    bytes.writeBytes(body);
    return new Call(bytes.toByteArray());
  }

  private static String describe(Tensor input) {
    return "{\"name\":\""
        + input.name()
        + "\",\"datatype\":\""
        + input.datatype()
        + "\",\"shape\":"
        + input.sizes();
  }
}
