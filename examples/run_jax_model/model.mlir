module @jit_simulate attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xf64>, %arg1: tensor<2xf64>) -> (tensor<200x2xf64> {jax.result_info = "result"}) {
    %0 = stablehlo.slice %arg0 [0:1] : (tensor<4xf64>) -> tensor<1xf64>
    %1 = stablehlo.reshape %0 : (tensor<1xf64>) -> tensor<f64>
    %2 = stablehlo.slice %arg0 [1:2] : (tensor<4xf64>) -> tensor<1xf64>
    %3 = stablehlo.reshape %2 : (tensor<1xf64>) -> tensor<f64>
    %4 = stablehlo.slice %arg0 [2:3] : (tensor<4xf64>) -> tensor<1xf64>
    %5 = stablehlo.reshape %4 : (tensor<1xf64>) -> tensor<f64>
    %6 = stablehlo.slice %arg0 [3:4] : (tensor<4xf64>) -> tensor<1xf64>
    %7 = stablehlo.reshape %6 : (tensor<1xf64>) -> tensor<f64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %8 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f64>) -> tensor<200x2xf64>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %9:7 = stablehlo.while(%iterArg = %1, %iterArg_0 = %3, %iterArg_1 = %7, %iterArg_2 = %5, %iterArg_3 = %c, %iterArg_4 = %arg1, %iterArg_5 = %8) : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<i64>, tensor<2xf64>, tensor<200x2xf64>
    cond {
      %c_6 = stablehlo.constant dense<200> : tensor<i64>
      %10 = stablehlo.compare LT, %iterArg_3, %c_6, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %10 : tensor<i1>
    } do {
      %10 = stablehlo.slice %iterArg_4 [0:1] : (tensor<2xf64>) -> tensor<1xf64>
      %11 = stablehlo.reshape %10 : (tensor<1xf64>) -> tensor<f64>
      %12 = stablehlo.slice %iterArg_4 [1:2] : (tensor<2xf64>) -> tensor<1xf64>
      %13 = stablehlo.reshape %12 : (tensor<1xf64>) -> tensor<f64>
      %14 = stablehlo.multiply %11, %13 : tensor<f64>
      %15 = stablehlo.multiply %iterArg, %11 : tensor<f64>
      %16 = stablehlo.multiply %iterArg_0, %14 : tensor<f64>
      %17 = stablehlo.subtract %15, %16 : tensor<f64>
      %18 = stablehlo.multiply %iterArg_1, %14 : tensor<f64>
      %19 = stablehlo.multiply %iterArg_2, %13 : tensor<f64>
      %20 = stablehlo.subtract %18, %19 : tensor<f64>
      %21 = stablehlo.broadcast_in_dim %17, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %22 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %23 = stablehlo.concatenate %21, %22, dim = 0 : (tensor<1xf64>, tensor<1xf64>) -> tensor<2xf64>
      %cst_6 = stablehlo.constant dense<5.000000e-02> : tensor<f64>
      %24 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %25 = stablehlo.multiply %24, %23 : tensor<2xf64>
      %26 = stablehlo.add %iterArg_4, %25 : tensor<2xf64>
      %27 = stablehlo.slice %26 [0:1] : (tensor<2xf64>) -> tensor<1xf64>
      %28 = stablehlo.reshape %27 : (tensor<1xf64>) -> tensor<f64>
      %29 = stablehlo.slice %26 [1:2] : (tensor<2xf64>) -> tensor<1xf64>
      %30 = stablehlo.reshape %29 : (tensor<1xf64>) -> tensor<f64>
      %31 = stablehlo.multiply %28, %30 : tensor<f64>
      %32 = stablehlo.multiply %iterArg, %28 : tensor<f64>
      %33 = stablehlo.multiply %iterArg_0, %31 : tensor<f64>
      %34 = stablehlo.subtract %32, %33 : tensor<f64>
      %35 = stablehlo.multiply %iterArg_1, %31 : tensor<f64>
      %36 = stablehlo.multiply %iterArg_2, %30 : tensor<f64>
      %37 = stablehlo.subtract %35, %36 : tensor<f64>
      %38 = stablehlo.broadcast_in_dim %34, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %39 = stablehlo.broadcast_in_dim %37, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %40 = stablehlo.concatenate %38, %39, dim = 0 : (tensor<1xf64>, tensor<1xf64>) -> tensor<2xf64>
      %cst_7 = stablehlo.constant dense<5.000000e-02> : tensor<f64>
      %41 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %42 = stablehlo.multiply %41, %40 : tensor<2xf64>
      %43 = stablehlo.add %iterArg_4, %42 : tensor<2xf64>
      %44 = stablehlo.slice %43 [0:1] : (tensor<2xf64>) -> tensor<1xf64>
      %45 = stablehlo.reshape %44 : (tensor<1xf64>) -> tensor<f64>
      %46 = stablehlo.slice %43 [1:2] : (tensor<2xf64>) -> tensor<1xf64>
      %47 = stablehlo.reshape %46 : (tensor<1xf64>) -> tensor<f64>
      %48 = stablehlo.multiply %45, %47 : tensor<f64>
      %49 = stablehlo.multiply %iterArg, %45 : tensor<f64>
      %50 = stablehlo.multiply %iterArg_0, %48 : tensor<f64>
      %51 = stablehlo.subtract %49, %50 : tensor<f64>
      %52 = stablehlo.multiply %iterArg_1, %48 : tensor<f64>
      %53 = stablehlo.multiply %iterArg_2, %47 : tensor<f64>
      %54 = stablehlo.subtract %52, %53 : tensor<f64>
      %55 = stablehlo.broadcast_in_dim %51, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %56 = stablehlo.broadcast_in_dim %54, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %57 = stablehlo.concatenate %55, %56, dim = 0 : (tensor<1xf64>, tensor<1xf64>) -> tensor<2xf64>
      %cst_8 = stablehlo.constant dense<1.000000e-01> : tensor<f64>
      %58 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %59 = stablehlo.multiply %58, %57 : tensor<2xf64>
      %60 = stablehlo.add %iterArg_4, %59 : tensor<2xf64>
      %61 = stablehlo.slice %60 [0:1] : (tensor<2xf64>) -> tensor<1xf64>
      %62 = stablehlo.reshape %61 : (tensor<1xf64>) -> tensor<f64>
      %63 = stablehlo.slice %60 [1:2] : (tensor<2xf64>) -> tensor<1xf64>
      %64 = stablehlo.reshape %63 : (tensor<1xf64>) -> tensor<f64>
      %65 = stablehlo.multiply %62, %64 : tensor<f64>
      %66 = stablehlo.multiply %iterArg, %62 : tensor<f64>
      %67 = stablehlo.multiply %iterArg_0, %65 : tensor<f64>
      %68 = stablehlo.subtract %66, %67 : tensor<f64>
      %69 = stablehlo.multiply %iterArg_1, %65 : tensor<f64>
      %70 = stablehlo.multiply %iterArg_2, %64 : tensor<f64>
      %71 = stablehlo.subtract %69, %70 : tensor<f64>
      %72 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %73 = stablehlo.broadcast_in_dim %71, dims = [] : (tensor<f64>) -> tensor<1xf64>
      %74 = stablehlo.concatenate %72, %73, dim = 0 : (tensor<1xf64>, tensor<1xf64>) -> tensor<2xf64>
      %cst_9 = stablehlo.constant dense<2.000000e+00> : tensor<f64>
      %75 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %76 = stablehlo.multiply %75, %40 : tensor<2xf64>
      %77 = stablehlo.add %23, %76 : tensor<2xf64>
      %cst_10 = stablehlo.constant dense<2.000000e+00> : tensor<f64>
      %78 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %79 = stablehlo.multiply %78, %57 : tensor<2xf64>
      %80 = stablehlo.add %77, %79 : tensor<2xf64>
      %81 = stablehlo.add %80, %74 : tensor<2xf64>
      %cst_11 = stablehlo.constant dense<0.016666666666666666> : tensor<f64>
      %82 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f64>) -> tensor<2xf64>
      %83 = stablehlo.multiply %82, %81 : tensor<2xf64>
      %84 = stablehlo.add %iterArg_4, %83 : tensor<2xf64>
      %85 = func.call @dynamic_update_index_in_dim(%iterArg_5, %84, %iterArg_3) : (tensor<200x2xf64>, tensor<2xf64>, tensor<i64>) -> tensor<200x2xf64>
      %c_12 = stablehlo.constant dense<1> : tensor<i64>
      %86 = stablehlo.add %iterArg_3, %c_12 : tensor<i64>
      stablehlo.return %iterArg, %iterArg_0, %iterArg_1, %iterArg_2, %86, %84, %85 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<i64>, tensor<2xf64>, tensor<200x2xf64>
    }
    return %9#6 : tensor<200x2xf64>
  }
  func.func private @dynamic_update_index_in_dim(%arg0: tensor<200x2xf64>, %arg1: tensor<2xf64>, %arg2: tensor<i64>) -> tensor<200x2xf64> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<2xf64>) -> tensor<1x2xf64>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %1 = stablehlo.dynamic_update_slice %arg0, %0, %arg2, %c : (tensor<200x2xf64>, tensor<1x2xf64>, tensor<i64>, tensor<i64>) -> tensor<200x2xf64>
    return %1 : tensor<200x2xf64>
  }
}
