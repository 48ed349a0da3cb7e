package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Compressed bodies, as tritonclient sends and asks for them. */
final class CompressionRules {
  private CompressionRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "gzip-request",
            "a gzip body is read; the JSON length counts its plain bytes",
            subject -> request(subject, "gzip")),
        new Case(
            "deflate-request",
            "a deflate body, which is zlib, is read",
            subject -> request(subject, "deflate")),
        new Case(
            "gzip-answer",
            "an answer is gzip at most if it is asked for; its JSON length counts plain bytes",
            CompressionRules::answer),
        new Case(
            "unknown-coding",
            "a coding that nobody knows is refused",
            subject ->
                subject
                    .send(
                        "POST",
                        subject.path() + "/infer",
                        Subject.text(subject.request()),
                        "Content-Encoding",
                        "there-is-none")
                    .refused()),
        new Case(
            "damaged-gzip",
            "a body that is not gzip although it says so is 400",
            subject ->
                subject
                    .send(
                        "POST",
                        subject.path() + "/infer",
                        Subject.text(subject.request()),
                        "Content-Encoding",
                        "gzip")
                    .status(400)));
  }

  private static void request(Subject subject, String coding)
      throws IOException, InterruptedException {
    byte[] json = Subject.text(subject.binaryRequest());
    var coded = new ByteArrayOutputStream();
    try (OutputStream out =
        coding.equals("gzip") ? new GZIPOutputStream(coded) : new DeflaterOutputStream(coded)) {
      out.write(json);
      out.write(subject.bytes());
    }
    subject
        .inferWith(Integer.toString(json.length), coded.toByteArray(), "Content-Encoding", coding)
        .succeeded();
  }

  private static void answer(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.binaryRequest();
    request.putObject("parameters").put("binary_data_output", true);
    Reply plain = subject.infer(request, subject.bytes()).succeeded();
    Violation.unless(
        plain.header("Content-Encoding") == null, "no coding that was not asked for", plain);
    Reply coded = subject.infer(request, subject.bytes(), "Accept-Encoding", "gzip").succeeded();
    if (coded.header("Content-Encoding") == null) {
      throw new NotTried("the server compresses no answers");
    }
    byte[] expanded;
    try (var in = new GZIPInputStream(new ByteArrayInputStream(coded.body()))) {
      expanded = in.readAllBytes();
    } catch (IOException e) {
      throw new Violation("expected a gzip body, got one that is not: " + e.getMessage());
    }
    Reply whole = coded.with(expanded);
    Violation.unless(
        whole.tensors().equals(plain.tensors()), "the same tensors as in a plain answer", whole);
  }
}
