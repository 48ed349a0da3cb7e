package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Output;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgreementTest {
  @Test
  void countsRowsWithTheSameLikeliestClassAndTheLargestDifference() {
    InferenceResponse one = answer(scores(2, 0.1f, 0.9f, 0.5f, 0.25f));
    InferenceResponse other = answer(scores(2, 0.2f, 0.8f, 0.25f, 0.75f));
    assertThat(Agreement.of(one, other)).isEqualTo(new Agreement(2, 1, 0.5));
    assertThat(Agreement.of(one, one)).isEqualTo(new Agreement(2, 2, 0));
  }

  @Test
  void everyOutputCountsForTheDifferenceAndTheFirstOfScoresForTheClass() {
    InferenceResponse one = answer(vector(1, 2, 3), scores(1, 1, 2));
    InferenceResponse other = answer(vector(1, 2, 7), scores(1, 2, 1));
    assertThat(Agreement.of(one, other)).isEqualTo(new Agreement(1, 0, 4));
    assertThat(Agreement.of(answer(vector(1)), answer(vector(1))))
        .as("no scores")
        .isEqualTo(new Agreement(0, 0, 0));
  }

  @Test
  void aNumberAndWhatIsNoneDifferWithoutLimit() {
    float nan = Float.NaN;
    float much = Float.POSITIVE_INFINITY;
    assertThat(Agreement.of(answer(vector(nan, much)), answer(vector(nan, much))))
        .isEqualTo(new Agreement(0, 0, 0));
    assertThat(Agreement.of(answer(vector(nan)), answer(vector(1))))
        .isEqualTo(new Agreement(0, 0, Double.POSITIVE_INFINITY));
    assertThat(Agreement.of(answer(vector(-much)), answer(vector(much))))
        .isEqualTo(new Agreement(0, 0, Double.POSITIVE_INFINITY));
  }

  @Test
  void answersOfAnotherFormAreNotCompared() {
    InferenceResponse one = answer(scores(1, 1, 2));
    assertThat(Agreement.of(one, answer(scores(2, 1, 2)))).isNull();
    assertThat(Agreement.of(one, answer(scores(1, 1, 2), vector(1)))).isNull();
    assertThat(Agreement.of(one, answer(vector(1, 2)))).isNull();
  }

  private static Output scores(int rows, float... values) {
    return Output.of("scores", List.of((long) rows, (long) values.length / rows), values);
  }

  private static Output vector(float... values) {
    return Output.of("vector", List.of((long) values.length), values);
  }

  private static InferenceResponse answer(Output... outputs) {
    return new InferenceResponse("m", "1", null, Map.of(), List.of(outputs));
  }
}
