package dev.nagare.streaming;

/**
 * Who gives labels, as the door knows it.
 *
 * @param principal its name; empty for a caller without one
 * @param labelsAny whether it may label predictions that others asked for
 */
public record Caller(String principal, boolean labelsAny) {}
