package dev.nagare.loadtest.conformance;

import dev.nagare.loadtest.conformance.Outcome.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tries every rule on a server, one after the other. Asks for predictions only: nothing on the
 * server is loaded, unloaded or changed. Source of the rules: the Open Inference Protocol's HTTP
 * specification, and what the stock clients send and read.
 */
public final class Conformance {
  private Conformance() {}

  /** Every case, in the order in which they are tried. */
  public static List<Case> cases() {
    return Stream.of(
            ServerRules.cases(),
            ModelRules.cases(),
            JsonRules.cases(),
            BinaryRules.cases(),
            CompressionRules.cases(),
            ToolRules.cases(),
            ClientRules.cases(),
            // Last: it says at its end whether the server is alive after all of this.
            ErrorRules.cases())
        .flatMap(List::stream)
        .toList();
  }

  /** Tries all of them. */
  public static Report run(Subject subject) throws InterruptedException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Case tried : cases()) {
      outcomes.add(run(tried, subject));
    }
    return new Report(outcomes);
  }

  private static Outcome run(Case tried, Subject subject) throws InterruptedException {
    try {
      tried.trial().run(subject);
      return new Outcome(tried.name(), tried.rule(), Verdict.PASSED, "");
    } catch (NotTried e) {
      return new Outcome(
          tried.name(), tried.rule(), Verdict.SKIPPED, String.valueOf(e.getMessage()));
    } catch (Violation e) {
      return failed(tried, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return failed(tried, "expected an answer, got none: " + e);
    } catch (RuntimeException e) { // an answer that nobody had thought of
      return failed(tried, "expected an answer that can be read, got " + e);
    }
  }

  private static Outcome failed(Case tried, String why) {
    return new Outcome(tried.name(), tried.rule(), Verdict.FAILED, why);
  }
}
