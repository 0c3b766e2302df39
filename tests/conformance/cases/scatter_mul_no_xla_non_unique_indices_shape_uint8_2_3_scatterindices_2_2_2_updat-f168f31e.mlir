module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xui8>, %arg1: tensor<2x1x3xui8>) -> (tensor<2x3xui8> {jax.result_info = "result"}) {
    %c = stablehlo.constant dense<2> : tensor<1x3x1xi64>
    %0 = "stablehlo.scatter"(%arg0, %c, %arg1) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [0], inserted_window_dims = [1], scatter_dims_to_operand_dims = [1], index_vector_dim = 2>, unique_indices = false}> ({
    ^bb0(%arg2: tensor<ui8>, %arg3: tensor<ui8>):
      %1 = stablehlo.multiply %arg2, %arg3 : tensor<ui8>
      stablehlo.return %1 : tensor<ui8>
    }) : (tensor<2x3xui8>, tensor<1x3x1xi64>, tensor<2x1x3xui8>) -> tensor<2x3xui8>
    return %0 : tensor<2x3xui8>
  }
}
