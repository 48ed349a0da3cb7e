package dev.nagare.server.http;

import static dev.nagare.server.http.Message.floats;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.Doors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary tensor extension, over a real socket. */
class BinaryTensorTest {
  private static final String INFER = "/v2/models/echo/infer";
  private static final String ONE_FLOAT_PAIR =
      "{'name':'x','datatype':'FP32','shape':[1,2],'parameters':{'binary_data_size':8}}";

  private final Doors doors = Doors.open();

  @AfterEach
  void everyRequestIsGivenBack() {
    assertThat(doors.requests.usedBytes()).isZero();
    doors.close();
  }

  @Test
  void whatTheStockClientSendsByDefaultIsAnsweredInBytes() throws Exception {
    Message message =
        Message.of(
            "{'id':'a1','inputs':["
                + ONE_FLOAT_PAIR
                + "],'parameters':{'binary_data_output':true}}",
            floats(1.5f, Float.NaN));
    HttpResponse<byte[]> answer = send(message);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
    assertThat(answer.headers().firstValue("Content-Length"))
        .hasValue(Integer.toString(answer.body().length));
    assertThat(Message.json(answer))
        .hasToString(
            "{\"model_name\":\"echo\",\"model_version\":\"3\",\"id\":\"a1\",\"outputs\":"
                + "[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"parameters\":"
                + "{\"binary_data_size\":8}}]}");
    assertThat(Message.tensors(answer)).isEqualTo(floats(1.5f, Float.NaN));
  }

  @ParameterizedTest
  @CsvSource({"FP32,4", "FP64,8", "INT64,8", "INT32,4", "UINT8,1", "BOOL,1", "BF16,2"})
  void everyDatatypeOfAModelTravelsAsBytes(String datatype, int width) throws Exception {
    byte[] data = new byte[6 * width];
    if (datatype.equals("BOOL")) {
      data[1] = 1;
    } else {
      new Random(1).nextBytes(data);
    }
    HttpResponse<byte[]> answer =
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'%s','shape':[2,3],'parameters':{'binary_data_size':%d}}],'outputs':[{'name':'x','parameters':{'binary_data':true}}]}"
                    .formatted(datatype, data.length),
                data));

    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(Message.tensors(answer)).isEqualTo(data);
    assertThat(Message.json(answer).at("/outputs/0/datatype").asText()).isEqualTo(datatype);
  }

  @Test
  void jsonAndBytesMixInOneMessageInTheOrderOfTheTensors() throws Exception {
    HttpResponse<byte[]> answer =
        send(
            Message.of(
                "{'inputs':[{'name':'a','datatype':'FP32','shape':[1],'parameters':{'binary_data_size':4}},"
                    + "{'name':'b','datatype':'INT32','shape':[2],'data':[7,8]},"
                    + "{'name':'c','datatype':'FP32','shape':[1],'parameters':{'binary_data_size':4}}],"
                    + "'parameters':{'binary_data_output':true},"
                    + "'outputs':[{'name':'a'},{'name':'b','parameters':{'binary_data':false}},{'name':'c'}]}",
                floats(1),
                floats(2)));

    assertThat(Message.json(answer).at("/outputs/1/data")).hasToString("[7,8]");
    assertThat(Message.json(answer).at("/outputs/0/data").isMissingNode()).isTrue();
    assertThat(Message.tensors(answer)).isEqualTo(floats(1, 2));
  }

  @Test
  void bytesAreAnsweredWithJsonUnlessAskedOtherwiseAndJsonWithBytesIfAsked() throws Exception {
    HttpResponse<byte[]> plain =
        send(Message.of("{'inputs':[" + ONE_FLOAT_PAIR + "]}", floats(1, 2)));
    assertThat(plain.headers().firstValue(Message.LENGTH)).isEmpty();
    assertThat(plain.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(Message.json(plain).at("/outputs/0/data")).hasToString("[1.0,2.0]");

    String json =
        "{'inputs':[{'name':'x','datatype':'FP32','shape':[2],'data':[1,2]}],'parameters':{'binary_data_output':true}}";
    HttpResponse<byte[]> bytes =
        doors.post(INFER, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    assertThat(Message.tensors(bytes)).isEqualTo(floats(1, 2));
  }

  @Test
  void aTensorWithoutElementsHasASizeOfZero() throws Exception {
    HttpResponse<byte[]> answer =
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'FP32','shape':[0,2],'parameters':{'binary_data_size':0}}],'parameters':{'binary_data_output':true}}"));

    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.headers().firstValue(Message.LENGTH)).isPresent();
    assertThat(Message.json(answer).at("/outputs/0/parameters/binary_data_size").asInt(-1))
        .isZero();
    assertThat(Message.tensors(answer)).isEmpty();
  }

  @Test
  void aRawRequestIsOneRowOfTheOnlyInputAndAnsweredInBytes() throws Exception {
    HttpResponse<byte[]> answer = doors.post(INFER, floats(1, 2, 3, 4, 5, 6), Message.LENGTH, "0");

    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(Message.json(answer).at("/outputs/0/shape")).hasToString("[1,3,2]");
    assertThat(Message.tensors(answer)).isEqualTo(floats(1, 2, 3, 4, 5, 6));
  }

  @Test
  void aRawRequestOfHalfARowIsRefused() throws Exception {
    refused(
        doors.post(INFER, new byte[12], Message.LENGTH, "0"),
        400,
        "unexpected size: 12 bytes are no whole number of 8");
    refused(
        doors.post("/v2/models/pulse/infer", new byte[12], Message.LENGTH, "0"),
        400,
        "unexpected size: FP32 [1, 32, 3] takes 384 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1e2", "x", "", "99999", "99999999999", "4294967296"})
  void aJsonLengthOutsideOfTheBodyIsRefused(String length) throws Exception {
    Message message = Message.of("{'inputs':[" + ONE_FLOAT_PAIR + "]}", floats(1, 2));
    refused(
        doors.post(INFER, message.bytes(), Message.LENGTH, length),
        400,
        "a whole number from 0 to the body's " + message.bytes().length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'shape':[1,2],'parameters':{'binary_data_size':12}|12|takes 8 bytes, binary_data_size says 12",
        "'shape':[1,3],'parameters':{'binary_data_size':12}|8|expected 12 bytes after the JSON",
        "'shape':[1,2],'parameters':{'binary_data_size':8}|9|unexpected additional input data: 1 bytes",
        "'shape':[1,2],'parameters':{'binary_data_size':8},'data':[1,2]|8|got both",
        "'shape':[1,2],'parameters':{'binary_data_size':-8}|8|a whole number from 0 up",
        "'shape':[1,2],'parameters':{'binary_data_size':'8'}|8|a whole number from 0 up",
        "'shape':[1,2]|8|data is missing",
        "'shape':[65536,65536,65536,65536,65536],'parameters':{'binary_data_size':0}|0|more than 2^31"
      })
  void sizesThatDoNotAgreeAreRefused(String members, int bytes, String why) throws Exception {
    refused(
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'FP32'," + members + "}]}", new byte[bytes])),
        400,
        why);
  }

  @Test
  void bytesWithoutTheHeaderAreNoBinaryTensor() throws Exception {
    String json = ("{'inputs':[" + ONE_FLOAT_PAIR + "]}").replace('\'', '"');
    refused(
        doors.post(INFER, json.getBytes(StandardCharsets.UTF_8)),
        400,
        "binary_data_size: expected a message with the header Inference-Header-Content-Length");
  }

  @Test
  void halfPrecisionDoesNotTravelAsJsonEitherWay() throws Exception {
    String in = "{'inputs':[{'name':'x','datatype':'%s','shape':[1],'data':[1]}]}";
    refused(send(Message.of(in.formatted("BF16"))), 400, "BF16 has no form in JSON");
    refused(send(Message.of(in.formatted("FP16"))), 400, "got FP16");
    refused(
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'BF16','shape':[1],'parameters':{'binary_data_size':2}}]}",
                new byte[2])),
        400,
        "output x: BF16 has no form in JSON; ask for it with the parameter binary_data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"BYTES", "INT8", "INT16", "UINT16", "UINT32", "UINT64", "FP16", "FP31"})
  void aDatatypeThatNoModelTakesIsRefusedByName(String datatype) throws Exception {
    refused(
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'%s','shape':[1],'parameters':{'binary_data_size':8}}]}"
                    .formatted(datatype),
                new byte[8])),
        400,
        "datatype: expected one of FP32, FP64, INT64, INT32, UINT8, BOOL, BF16, got " + datatype);
  }

  @Test
  void aFlagIsZeroOrOne() throws Exception {
    refused(
        send(
            Message.of(
                "{'inputs':[{'name':'x','datatype':'BOOL','shape':[2],'parameters':{'binary_data_size':2}}]}",
                new byte[] {1, 2})),
        400,
        "BOOL: expected bytes 0 and 1, got 2 at 1");
  }

  @Test
  void tensorsArriveWholeHoweverTheBodyWasCut() throws Exception {
    var random = new Random(7);
    float[] values = new float[600];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    Message message =
        Message.of(
            "{'inputs':[{'name':'x','datatype':'FP32','shape':[600],'parameters':{'binary_data_size':2400}}],'parameters':{'binary_data_output':true}}",
            floats(values));
    byte[] body = message.bytes();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port())) {
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      String head =
          "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n%s: %s\r\n\r\n"
              .formatted(INFER, Message.LENGTH, message.length());
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      for (int at = 0; at < body.length; ) {
        int count = Math.min(1 + random.nextInt(50), body.length - at);
        socket.getOutputStream().write(chunk(body, at, count));
        at += count;
      }
      socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      byte[] tail = java.util.Arrays.copyOfRange(answer, answer.length - 2400, answer.length);
      assertThat(tail).isEqualTo(floats(values));
    }
  }

  @Test
  void theHighestScoresAreAnsweredAsText() throws Exception {
    String asked =
        "{'inputs':[{'name':'x','datatype':'FP32','shape':[2,3],'data':[0.25,0.5,0.125,3,1,2]}],'outputs':[{'name':'x','parameters':{'classification':2%s}}]}";
    JsonNode json = Message.json(send(Message.of(asked.formatted(""))));
    assertThat(json.at("/outputs/0"))
        .hasToString(
            "{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"BYTES\",\"data\":"
                + "[\"0.5:1\",\"0.25:0\",\"3.0:0\",\"2.0:2\"]}");
    HttpResponse<byte[]> bytes = send(Message.of(asked.formatted(",'binary_data':true")));
    assertThat(Message.tensors(bytes)).hasSize(4 * 4 + 5 + 6 + 5 + 5).startsWith(5, 0, 0, 0, '0');
    refused(
        send(Message.of(asked.formatted(",'binary_data':1"))),
        400,
        "output x: parameter binary_data: expected true or false");
  }

  @Test
  void anOutputWithoutElementsHasNoClassesHoweverManyRowsItHas() throws Exception {
    String asked =
        "{'inputs':[{'name':'x','datatype':'FP32','shape':[2147483647,0],'data':[]}],'outputs':[{'name':'x','parameters':{'classification':2}}]}";
    HttpResponse<byte[]> answer = send(Message.of(asked));
    assertThat(Message.json(answer).at("/outputs/0"))
        .hasToString(
            "{\"name\":\"x\",\"shape\":[2147483647,0],\"datatype\":\"BYTES\",\"data\":[]}");
  }

  private HttpResponse<byte[]> send(Message message) throws IOException, InterruptedException {
    return doors.post(INFER, message.bytes(), Message.LENGTH, message.length());
  }

  private static void refused(HttpResponse<byte[]> answer, int status, String why)
      throws IOException {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    assertThat(Message.json(answer).path("error").asText()).contains(why);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static byte[] chunk(byte[] body, int at, int count) {
    var chunk = new ByteArrayOutputStream();
    chunk.writeBytes((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    chunk.write(body, at, count);
    chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return chunk.toByteArray();
  }
}
