package io.kvstore.files;

import io.kvstore.optimizer.StateForm;
import java.util.Optional;

/**
 * What stands first in a states file.
 *
 * @param form what the states depend on besides their keys
 * @param optimizer the optimizer as JSON, if it was dumped
 * @param keys how many follow
 */
public record StatesHead(StateForm form, Optional<String> optimizer, int keys) {}
