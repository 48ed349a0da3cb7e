/**
 * Models that keep learning: score first, then learn, one row at a time.
 *
 * <p>Read {@link dev.nagare.models.online.OnlineModel} first. Everything here is a pure function of
 * the rows it was given: no clock, no thread, no Kafka. The streaming module drives it and adds
 * offsets, publication and checkpoints.
 *
 * <p>{@link dev.nagare.models.online.OnlineLstm} makes and restores models of an {@link
 * dev.nagare.models.online.OnlineConfig}. Inside: {@code Encoding} says what a network's inputs and
 * outputs mean, {@code LstmPath} is the one way to predict, {@code LstmLearner} the one to learn.
 */
@NullMarked
package dev.nagare.models.online;

import org.jspecify.annotations.NullMarked;
