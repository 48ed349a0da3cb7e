package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tensors as bytes, by WebSocket. */
class BinaryFramesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAIR =
      "{'name':'x','datatype':'FP32','shape':[1,2],'parameters':{'binary_data_size':8}}";
  private static final String AS_BYTES = ",'parameters':{'binary_data_output':true}";

  private final Doors doors = Doors.open();
  private final StreamClient client = new StreamClient(doors, "nagare.v2");

  @AfterEach
  void everyRequestIsGivenBack() {
    client.close();
    assertThat(doors.requests.usedBytes()).isZero();
    doors.close();
  }

  @Test
  void tensorsTravelAsBytesBothWays() throws Exception {
    byte[] tensor = floats(1.5f, Float.NaN);
    client.socket.sendBinary(infer("[" + PAIR + "]" + AS_BYTES, tensor), true).join();

    byte[] answer = client.nextBinary();
    assertThat(json(answer))
        .hasToString(
            "{\"type\":\"prediction\",\"model\":\"echo\",\"id\":\"b\",\"response\":"
                + "{\"model_name\":\"echo\",\"model_version\":\"3\",\"outputs\":"
                + "[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":"
                + "{\"binary_data_size\":8}}]}}");
    assertThat(tensors(answer)).isEqualTo(tensor);
  }

  @Test
  void theAnswerIsJsonUnlessBytesAreAskedForAndBytesIfTheyAre() throws Exception {
    client.socket.sendBinary(infer("[" + PAIR + "]", floats(1, 2)), true).join();
    assertThat(client.next("prediction").at("/response/outputs/0/data")).hasToString("[1.0,2.0]");

    client.say(
        "{'type':'infer','id':'b','model':'echo','request':{'inputs':[{'name':'x','datatype':'FP32',"
            + "'shape':[2],'data':[1,2]}],'outputs':[{'name':'x','parameters':{'binary_data':true}}]}}");
    assertThat(tensors(client.nextBinary())).isEqualTo(floats(1, 2));
  }

  @Test
  void tensorsArriveWholeHoweverTheMessageIsCut() throws Exception {
    byte[] data = new byte[40_000];
    new Random(1).nextBytes(data);
    ByteBuffer message =
        infer(
            "[{'name':'x','datatype':'UINT8','shape':[40000],'parameters':{'binary_data_size':40000}}]"
                + AS_BYTES,
            data);
    var random = new Random(2);
    client.socket.sendBinary(ByteBuffer.allocate(0), false).join();
    while (message.hasRemaining()) {
      int part = Math.min(message.remaining(), 1 + random.nextInt(9_000));
      ByteBuffer slice = message.slice(message.position(), part);
      message.position(message.position() + part);
      client.socket.sendBinary(slice, !message.hasRemaining()).join();
    }
    assertThat(tensors(client.nextBinary())).isEqualTo(data);
  }

  @Test
  void sizesThatDoNotAgreeAreRefusedAndTheConnectionGoesOn() {
    refused(infer("[" + PAIR + "]", new byte[7]), "got 7");
    refused(infer("[" + PAIR + "]", new byte[9]), "1 bytes after the last input");
    refused(infer("[" + PAIR + "]"), "got 0");
    client.refused(
        "{'type':'infer','model':'echo','request':{'inputs':[" + PAIR + "]}}", 400, "binary");
    client.say(
        "{'type':'infer','model':'pulse','request':{'inputs':"
            + "[{'name':'w','datatype':'FP32','shape':[1],'data':[1]}]}}");
    client.next("prediction");
  }

  @Test
  void everyCommandMayComeLikeThatButOnlyPredictionsHaveTensors() {
    client.socket.sendBinary(message("{'type':'subscribe','id':'s'}"), true).join();
    assertThat(client.next("subscribed").get("id").asText()).isEqualTo("s");
    client
        .socket
        .sendBinary(message("{'type':'learn','model':'echo','request':{'a':1}}"), true)
        .join();
    client.next("learned");
    assertThat(doors.echo.taught()).containsExactly("{\"a\":1}");
    refused(
        message("{'type':'learn','model':'echo','request':{}}", new byte[3]),
        "expected nothing after the JSON but for type infer, got 3 bytes");
    refused(message(""), "expected a JSON object");
  }

  private void refused(ByteBuffer message, String sentence) {
    client.socket.sendBinary(message, true).join();
    JsonNode refusal = client.next("error");
    assertThat(refusal.get("status").asInt()).isEqualTo(400);
    assertThat(refusal.get("error").asText()).contains(sentence);
  }

  private static ByteBuffer infer(String inputs, byte[]... tensors) {
    return message(
        "{'type':'infer','id':'b','model':'echo','request':{'inputs':" + inputs + "}}", tensors);
  }

  /** A message as docs/websocket.md lays it out; single quotes stand for double ones. */
  private static ByteBuffer message(String json, byte[]... tensors) {
    byte[] head = json.replace('\'', '"').getBytes(UTF_8);
    int length = Arrays.stream(tensors).mapToInt(tensor -> tensor.length).sum();
    ByteBuffer message =
        ByteBuffer.allocate(4 + head.length + length).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(head.length).put(head);
    for (byte[] tensor : tensors) {
      message.put(tensor);
    }
    return message.flip();
  }

  private static JsonNode json(byte[] message) throws IOException {
    return JSON.readTree(Arrays.copyOfRange(message, 4, end(message)));
  }

  private static byte[] tensors(byte[] message) {
    return Arrays.copyOfRange(message, end(message), message.length);
  }

  private static int end(byte[] message) {
    return 4 + ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }
}
