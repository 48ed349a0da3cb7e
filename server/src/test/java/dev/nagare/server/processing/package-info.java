/** Tests of pictures and texts on their way. */
@NullMarked
package dev.nagare.server.processing;

import org.jspecify.annotations.NullMarked;
