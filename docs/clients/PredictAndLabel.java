import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks, labels the answer, and waits until the model has learned it: the JDK alone. */
public class PredictAndLabel {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  public static void main(String[] args) throws Exception {
    String model = args[0] + "/v2/models/" + args[1] + "/";
    String before = version(model);

    String answer =
        call(
            model + "infer",
            """
            {"inputs": [{"name": "window", "datatype": "FP32", "shape": [1, 3, 3],
              "data": [0.1, 7, -1, 0.2, 6, -1, 0.4, 5, -1]}]}""");
    System.out.println(answer);

    String id = member(answer, "\"prediction_id\":\"([^\"]*)\"");
    System.out.println(call(model + "labels", "{\"id\": \"" + id + "\", \"label\": 1}"));

    while (version(model).equals(before)) {
      Thread.sleep(200);
    }
    System.out.println("version " + before + " became " + version(model));
  }

  private static String version(String model) throws Exception {
    return member(call(model + "status", null), "\"version\":([0-9]+)");
  }

  private static String call(String uri, String body) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
    String token = System.getenv("NAGARE_TOKEN");
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> answer =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  /** A real program has a JSON library; this one shows the calls. */
  private static String member(String json, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(json);
    if (!found.find()) {
      throw new IllegalStateException("expected " + pattern + " in " + json);
    }
    return found.group(1);
  }
}
