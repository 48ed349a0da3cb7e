package dev.nagare.loadtest.bench.infer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How requests of different lengths are asked of an engine that wants all rows as long. */
enum Grouping {
  ONE_BY_ONE(1, "one by one"),
  SORTED_BY_4(4, "sorted by length, 4 at a time, padded"),
  SORTED_BY_8(8, "sorted by length, 8 at a time, padded"),
  PADDED(Integer.MAX_VALUE, "all padded to the longest");

  private final int most;
  private final String sentence;

  Grouping(int most, String sentence) {
    this.most = most;
    this.sentence = sentence;
  }

  /**
   * Requests that are asked together.
   *
   * @param members positions of the requests, a row each
   * @param lengths of their sequences; 0 for none
   * @param inputs of all of them, padded with zeros to the longest
   */
  record Group(List<Integer> members, List<Integer> lengths, List<Input> inputs) {}

  /** Groups that hold each request once. */
  List<Group> of(List<Request> requests) {
    List<Integer> order =
        IntStream.range(0, requests.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> requests.get(i).length()))
            .toList();
    List<Group> groups = new ArrayList<>();
    for (int from = 0; from < order.size(); ) {
      int to = (int) Math.min(order.size(), (long) from + most);
      List<Integer> members = order.subList(from, to);
      List<Request> rows = members.stream().map(requests::get).toList();
      groups.add(new Group(members, rows.stream().map(Request::length).toList(), together(rows)));
      from = to;
    }
    return groups;
  }

  private static List<Input> together(List<Request> members) {
    if (members.size() == 1) {
      return members.getFirst().inputs();
    }
    List<Input> inputs = new ArrayList<>();
    int length = members.stream().mapToInt(Request::length).max().orElseThrow();
    for (int i = 0; i < members.getFirst().inputs().size(); i++) {
      String name = members.getFirst().inputs().get(i).name();
      long[] values = new long[members.size() * length];
      for (int row = 0; row < members.size(); row++) {
        if (!(members.get(row).inputs().get(i) instanceof Input.Longs longs)) {
          throw new IllegalArgumentException(name + ": only whole numbers are put together");
        }
        System.arraycopy(longs.values(), 0, values, row * length, longs.values().length);
      }
      inputs.add(new Input.Longs(name, new long[] {members.size(), length}, values));
    }
    return inputs;
  }

  @Override
  public String toString() {
    return sentence;
  }
}
