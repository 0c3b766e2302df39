module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x6xui16>, %arg1: tensor<4x6xi32>) -> (tensor<6xui16> {jax.result_info = "result[0]"}) {
    %c = stablehlo.constant dense<3> : tensor<ui16>
    %0 = stablehlo.reduce(%arg0 init: %c) applies stablehlo.add across dimensions = [0] : (tensor<4x6xui16>, tensor<ui16>) -> tensor<6xui16>
    return %0 : tensor<6xui16>
  }
}
