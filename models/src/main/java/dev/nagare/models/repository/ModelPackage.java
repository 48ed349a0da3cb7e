package dev.nagare.models.repository;

import java.nio.file.Path;

/**
 * One version of a model on disk.
 *
 * @param name of the model
 * @param version of the model, 1 or more
 * @param onnx the model's file
 */
public record ModelPackage(String name, long version, Path onnx) {}
