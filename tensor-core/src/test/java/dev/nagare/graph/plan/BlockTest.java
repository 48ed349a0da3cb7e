package dev.nagare.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BlockTest {

  @Test
  void everyLaneGetsAsManyRowsUpToOne() {
    assertThat(Block.of(7, 3, 1))
        .isEqualTo(List.of(new Block(0, 2), new Block(2, 2), new Block(4, 3)));
    assertThat(Block.of(7, 3, 3)).isEqualTo(List.of(new Block(0, 3), new Block(3, 4)));
  }

  @Test
  void rowsThatBelongTogetherAreNotCut() {
    assertThat(Block.ofGroups(14, 2, 4)).isEqualTo(List.of(new Block(0, 8), new Block(8, 6)));
    assertThat(Block.ofGroups(3, 2, 4)).isEqualTo(List.of(new Block(0, 3)));
    assertThat(Block.ofGroups(7, 2, 1)).isEqualTo(Block.of(7, 2, 1));
  }
}
