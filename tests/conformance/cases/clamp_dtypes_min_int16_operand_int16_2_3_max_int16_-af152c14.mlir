module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<i16>, %arg1: tensor<2x3xi16>, %arg2: tensor<i16>) -> (tensor<2x3xi16> {jax.result_info = "result"}) {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [] : (tensor<i16>) -> tensor<2x3xi16>
    %1 = stablehlo.broadcast_in_dim %arg2, dims = [] : (tensor<i16>) -> tensor<2x3xi16>
    %2 = stablehlo.clamp %0, %arg1, %1 : tensor<2x3xi16>
    return %2 : tensor<2x3xi16>
  }
}
