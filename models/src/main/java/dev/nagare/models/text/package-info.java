/**
 * Text for encoders: from a sentence to the numbers that a model was trained on, and from its
 * answers to one vector per sentence.
 *
 * <p>Read {@link dev.nagare.models.text.BertTokenizer} first; {@link
 * dev.nagare.models.text.TokenizerFile} and {@link dev.nagare.models.text.VocabularyFile} read one
 * from a published file, {@link dev.nagare.models.text.Pooling} and {@link
 * dev.nagare.models.text.SentenceVectors} are for what comes after the model.
 */
@NullMarked
package dev.nagare.models.text;

import org.jspecify.annotations.NullMarked;
