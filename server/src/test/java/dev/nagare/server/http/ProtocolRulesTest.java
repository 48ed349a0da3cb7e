package dev.nagare.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters, metadata for tools, and what is not offered, over a real socket. */
class ProtocolRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INFER = "/v2/models/echo/infer";

  private final Doors doors = Doors.open();

  @AfterEach
  void everyRequestIsGivenBack() {
    assertThat(doors.requests.usedBytes()).isZero();
    doors.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'timeout':1000000,'priority':1}",
        "{'timeout':0,'priority':0,'sequence_id':0,'sequence_start':false}",
        "{'mine':'text','other':1.5,'third':true,'triton_enable_empty_final_response':true}",
        "{'timeout':18446744073709551615}",
        "{}"
      })
  void parametersAreTextsNumbersAndFlags(String parameters) throws Exception {
    assertThat(ask(parameters, "").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'mine':[1]}|400|parameter mine: expected a string, number or boolean",
        "{'mine':{}}|400|parameter mine: expected a string, number or boolean",
        "{'mine':null}|400|parameter mine: expected a string, number or boolean",
        "[]|400|parameters: expected an object",
        "{'timeout':-1}|400|parameter timeout: expected a whole number from 0 up, got -1",
        "{'timeout':'soon'}|400|parameter timeout: expected a whole number from 0 up",
        "{'timeout':1.5}|400|parameter timeout: expected a whole number from 0 up",
        "{'priority':true}|400|parameter priority: expected a whole number from 0 up",
        "{'binary_data_output':'yes'}|400|parameter binary_data_output: expected true or false",
        "{'sequence_start':1}|400|parameter sequence_start: expected true or false",
        "{'sequence_id':7}|501|parameter sequence_id: no model here keeps state",
        "{'sequence_id':'a'}|501|parameter sequence_id: no model here keeps state"
      })
  void parametersOfAnotherKindAreRefused(String parameters, int status, String why)
      throws Exception {
    refused(ask(parameters, ""), status, why);
  }

  @Test
  void parametersOfAnInputObeyTheSameRule() throws Exception {
    refused(
        ask("{}", ",'parameters':{'mine':[1]}"),
        400,
        "input x: parameter mine: expected a string, number or boolean");
    assertThat(ask("{}", ",'parameters':{'mine':'text'}").statusCode()).isEqualTo(200);
  }

  @Test
  void sharedMemoryIsRefusedRatherThanMisread() throws Exception {
    refused(
        ask("{}", ",'parameters':{'shared_memory_region':'r','shared_memory_byte_size':8}"),
        501,
        "shared memory is not offered here");
    for (String path :
        new String[] {
          "/v2/systemsharedmemory/status",
          "/v2/cudasharedmemory/region/r/register",
          "/v2/trace/setting",
          "/v2/logging"
        }) {
      refused(doors.get(path), 501, "here");
    }
  }

  @Test
  void anIdIsEchoedAndLeftOutIfNoneWasGiven() throws Exception {
    JsonNode with =
        JSON.readTree(ask("{}", "},{'name':'y','datatype':'FP32','shape':[1],'data':[1]").body());
    assertThat(with.get("id").asText()).isEqualTo("i\u00e4\"");
    String without =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}";
    assertThat(JSON.readTree(doors.post(INFER, without).body()).has("id")).isFalse();
  }

  @Test
  void aConfigurationSaysWhatPerfAnalyzerReads() throws Exception {
    for (String path :
        new String[] {"/v2/models/pulse/config", "/v2/models/pulse/versions/7/config"}) {
      assertThat(doors.get(path).body())
          .isEqualTo(
              "{\"name\":\"pulse\",\"platform\":\"nagare_lstm\",\"backend\":\"nagare\",\"max_batch_size\":64,"
                  + "\"input\":[{\"name\":\"window\",\"data_type\":\"TYPE_FP32\",\"dims\":[32,3],"
                  + "\"is_shape_tensor\":false,\"optional\":false}],"
                  + "\"output\":[{\"name\":\"forecast\",\"data_type\":\"TYPE_FP32\",\"dims\":[3]}],"
                  + "\"dynamic_batching\":{},\"model_transaction_policy\":{\"decoupled\":false},"
                  + "\"response_cache\":{\"enable\":false}}");
    }
    refused(doors.get("/v2/models/pulse/versions/6/config"), 404, "published is 7");
  }

  @Test
  void statisticsHaveEveryGroupAndCountRowsBatchesAndRequests() throws Exception {
    doors.metrics.batch("pulse", 2, 5, 1000);
    doors.metrics.dequeued("pulse", 30);
    doors.metrics.dequeued("pulse", 40);
    doors.post(
        "/v2/models/pulse/infer",
        "{\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}");
    doors.post("/v2/models/pulse/infer", "{");
    JsonNode stats =
        JSON.readTree(doors.get("/v2/models/pulse/versions/7/stats").body()).at("/model_stats/0");

    assertThat(stats.get("name").asText()).isEqualTo("pulse");
    assertThat(stats.get("version").asText()).isEqualTo("7");
    assertThat(stats.get("inference_count").asLong()).isEqualTo(5);
    assertThat(stats.get("execution_count").asLong()).isEqualTo(1);
    assertThat(stats.get("last_inference").asLong()).isPositive();
    JsonNode groups = stats.get("inference_stats");
    assertThat(groups.get("queue")).hasToString("{\"count\":2,\"ns\":70}");
    assertThat(groups.get("compute_infer")).hasToString("{\"count\":2,\"ns\":2000}");
    assertThat(groups.at("/success/count").asLong()).isEqualTo(1);
    assertThat(groups.at("/fail/count").asLong()).isEqualTo(1);
    for (String zero :
        new String[] {"compute_input", "compute_output", "cache_hit", "cache_miss"}) {
      assertThat(groups.get(zero)).as(zero).hasToString("{\"count\":0,\"ns\":0}");
    }
    assertThat(JSON.readTree(doors.get("/v2/models/stats").body()).get("model_stats")).hasSize(2);
    refused(doors.get("/v2/models/none/stats"), 404, "not served here");
  }

  @Test
  void controlOfModelsIsRefusedWhileThereIsNone() throws Exception {
    refused(doors.post("/v2/repository/index", ""), 503, "the server is starting");
    var get = HttpRequest.newBuilder(doors.uri("/v2/repository/index"));
    refused(doors.send(get), 405, "expected POST");
    refused(
        doors.send(
            HttpRequest.newBuilder(doors.uri("/v2/models/pulse/config"))
                .method("PUT", BodyPublishers.noBody())),
        405,
        "expected GET or HEAD");
  }

  private HttpResponse<String> ask(String parameters, String ofInput) throws Exception {
    String body =
        "{'id':'iä\\\"','inputs':[{'name':'x','datatype':'FP32','shape':[1],'data':[1]"
            + ofInput
            + "}],'parameters':"
            + parameters
            + "}";
    return doors.post(INFER, body.replace('\'', '"'));
  }

  private static void refused(HttpResponse<String> answer, int status, String why)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).path("error").asText()).contains(why);
  }
}
