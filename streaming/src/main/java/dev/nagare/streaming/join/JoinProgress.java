package dev.nagare.streaming.join;

/**
 * How far the logs of a join are done with.
 *
 * @param floor offset before which every prediction is forgotten
 * @param nextLabel offset of the next label
 * @param examplesFrom offset in the examples' topic from which it says which of the remembered
 *     predictions have their label; anything beyond its end means its end
 * @param waiting predictions that wait for their label
 * @param lag labels that wait to be judged, as far as is known
 */
record JoinProgress(long floor, long nextLabel, long examplesFrom, int waiting, long lag) {}
