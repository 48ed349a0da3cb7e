package dev.nagare.loadtest.bench.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupingTest {

  @ParameterizedTest
  @EnumSource
  void eachRequestIsAskedOnce(Grouping grouping) {
    List<Request> requests = InferTask.MINILM_MIXED.requests();
    List<Integer> asked =
        grouping.of(requests).stream().flatMap(group -> group.members().stream()).toList();
    assertThat(asked)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, requests.size()).boxed().toList());
  }

  @Test
  void groupsAreOfRequestsThatAreAlikeInLength() {
    List<Request> requests = InferTask.MINILM_MIXED.requests();
    List<Grouping.Group> groups = Grouping.SORTED_BY_8.of(requests);
    assertThat(groups).hasSize(4);
    assertThat(groups.stream().flatMap(group -> group.lengths().stream())).isSorted();
    assertThat(Grouping.PADDED.of(requests)).hasSize(1);
    assertThat(Grouping.ONE_BY_ONE.of(requests)).hasSize(32);
  }

  @Test
  void shorterRowsEndInZeros() {
    List<Request> requests = List.of(request(7, 8, 9), request(5));
    Grouping.Group group = Grouping.PADDED.of(requests).getFirst();
    assertThat(group.members()).containsExactly(1, 0);
    assertThat(group.lengths()).containsExactly(1, 3);
    Input.Longs input = (Input.Longs) group.inputs().getFirst();
    assertThat(input.dims()).containsExactly(2, 3);
    assertThat(input.values()).containsExactly(5, 0, 0, 7, 8, 9);
  }

  private static Request request(long... ids) {
    long[] dims = {1, ids.length};
    return new Request(List.of(new Input.Longs("ids", dims, ids)), ids.length);
  }
}
