package dev.nagare.loadtest.bench.serve;

import java.io.IOException;

/** Work that a server takes from topics: one output for each record, in the same order. */
interface LogTask {
  /** Name of its row. */
  String name();

  /** What is done, for a person. */
  String words();

  /** A model's entry in the start-up file: an item of its list of models. */
  String entry(String model);

  /** The topic whose records are counted on the way in. */
  String inputs(String model);

  /** The topic whose records are counted on the way out; their keys end with the input's number. */
  String outputs(String model);

  /** Most records that may wait at one time. */
  int most();

  /** Puts into the log what the next records are about. */
  void prepare(LogFeed feed, String model, int records) throws IOException, InterruptedException;

  /**
   * A record.
   *
   * @param number among those of the input topic, from 0 on
   */
  byte[] record(String model, long number);
}
