module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x4xi16>, %arg1: tensor<4x2xi16>) -> (tensor<3x2xi16> {jax.result_info = "result"}) {
    %0 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<3x4xi16>, tensor<4x2xi16>) -> tensor<3x2xi16>
    return %0 : tensor<3x2xi16>
  }
}
